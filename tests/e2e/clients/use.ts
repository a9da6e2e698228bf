// A stranger's program over the client that openapi-typescript and openapi-fetch make of our document.

import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

declare const process: { env: Record<string, string> };

const client = createClient<paths>({
  baseUrl: process.env.URL,
  headers: { Authorization: `Bearer ${process.env.KEY}`, Prefer: "handling=strict" },
});

function held<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

function same(found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`);
  }
}

// What answers always hold needs no question mark.
const conversation = held(
  await client.POST("/api/v1/conversations", { body: { title: "typescript", meta_data: { channel: "ts" } } }),
);
const status: "active" | "ended" | "archived" = conversation.status;
const opened: string = conversation.created_at;
same([status, opened.endsWith("Z"), conversation.message_count], ["active", true, 0]);

// The vendor's document states defaults for these, which this generator takes for promises.
const message = { role: "user", message_type: "text" };
const made = held(
  await client.POST("/api/v1/messages", {
    body: {
      conversation_id: conversation.id,
      enable_memories: false,
      content: [1, 2, 3, 4, 5].map((n) => ({ ...message, content: `${n}`, meta_data: { odd: `${n % 2}` } })),
    },
  }),
);
same(made.length, 5);

// A filter by the caller's own data, page by page.
const read: string[] = [];
let cursor: string | null | undefined;
do {
  const page: components["schemas"]["PaginatedResponse_MessageRead_"] = held(
    await client.GET("/api/v1/messages", {
      params: {
        query: { conversation_id: conversation.id, meta_data: { odd: "1" }, limit: 2, order_direction: "asc", cursor },
      },
    }),
  );
  read.push(...page.data.map((row) => row.content));
  cursor = page.next_cursor;
} while (cursor);
same(read, ["1", "3", "5"]);

const listed = held(
  await client.GET("/api/v1/conversations", { params: { query: { sort_by: "title", sort_order: "asc", status } } }),
);
same(listed.data.filter((row) => row.id === conversation.id).length, 1);

// An error has a type.
const refused = await client.GET("/api/v1/messages", { params: { query: { limit: 0 } } });
const detail = refused.error?.detail;
if (!Array.isArray(detail)) throw new Error("no list of problems");
same([refused.response.status, detail[0]?.loc], [422, ["query", "limit"]]);

const absent = await client.GET("/api/v1/conversations/{conversation_id}", {
  params: { path: { conversation_id: "conv_none" } },
});
same([absent.response.status, absent.error?.detail], [404, "Conversation not found"]);

// The other wire.
const thread = held(await client.POST("/v1/threads", { body: { meta_data: { channel: "ts" } } }));
held(
  await client.POST("/v1/threads/{thread_id}/messages", {
    params: { path: { thread_id: thread.id } },
    body: { role: "user", content: [{ type: "input_text", text: "hello" }] },
  }),
);
const threads = held(await client.GET("/v1/threads", { params: { query: { meta_data: { channel: "ts" }, order: "asc" } } }));
same(threads.slice(-2).map((row) => row.id), [conversation.id, thread.id]);
const run = held(
  await client.POST("/v1/threads/{thread_id}/runs", {
    params: { path: { thread_id: thread.id } },
    body: { agent_id: "bot", model_settings: { temperature: 0 } },
  }),
);
same(run.status, "queued");

// A fork, and transcripts of both ways.
const last = made[4]!.id!;
const forked = held(
  await client.POST("/api/v1/conversations/{conversation_id}/fork", {
    params: { path: { conversation_id: conversation.id } },
    body: { until: last },
  }),
);
same(forked.message_count, 5);
const messages = [{ role: "user", content: "six" }];
const stored = held(
  await client.POST("/api/v1/conversations/{conversation_id}/transcript", {
    params: { path: { conversation_id: forked.id } },
    body: { messages },
  }),
);
same([stored.message_ids.length, stored.known], [1, 0]);
const given = held(
  await client.GET("/api/v1/conversations/{conversation_id}/transcript", {
    params: { path: { conversation_id: forked.id }, query: { last: 1 } },
  }),
);
if (typeof given === "string" || !("messages" in given)) throw new Error("no messages");
same(given.messages, messages);

// What people think, and what is known of them.
const rated = held(
  await client.POST("/api/v1/messages/{message_id}/feedback", {
    params: { path: { message_id: last } },
    body: { value: true, user_id: "ada" },
  }),
);
same([rated.value, rated.user_id], [true, "ada"]);
const memory = held(await client.POST("/api/v1/memories", { body: { user_id: "ada", memory: "Likes milk" } }));
const searched = held(await client.POST("/api/v1/memories/search", { body: { query: "milk", user_id: "ada" } }));
same(searched.memories.map((row) => row.memory_id), [memory.memory_id]);

// OpenAI's wire: items of any type, runs, and errors in its own shape.
const begun = held(await client.POST("/openai/v1/conversations", { body: {} }));
const at = { params: { path: { conversation_id: begun.id } } };
const item = { type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] };
held(await client.POST("/openai/v1/conversations/{conversation_id}/items", { ...at, body: { items: [item] } }));
const items = held(await client.GET("/openai/v1/conversations/{conversation_id}/items", at));
same(items.data[0]!.content, item.content);
const unknown = await client.GET("/openai/v1/conversations/{conversation_id}", {
  params: { path: { conversation_id: "conv_none" } },
});
same([unknown.response.status, unknown.error?.error.type], [404, "invalid_request_error"]);
const asked = held(await client.POST("/openai/v1/threads/runs", { body: { assistant_id: "bot" } }));
same(asked.status, "queued");
console.log("done");
