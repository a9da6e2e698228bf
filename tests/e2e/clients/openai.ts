// A stranger's program over OpenAI's own client for Node, told another base URL.

import OpenAI from "openai";

declare const process: { env: Record<string, string> };

type Item = OpenAI.Conversations.ConversationItem;
type Sent = OpenAI.Responses.ResponseInputItem;

const options = { baseURL: `${process.env.URL}/openai/v1`, apiKey: process.env.KEY };
const client = new OpenAI({ ...options, defaultHeaders: { Prefer: "handling=strict" } });

function same(found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`);
  }
}

async function refused(request: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await request;
  } catch (error) {
    if (error instanceof OpenAI.APIError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

async function all<Value>(pages: AsyncIterable<Value>): Promise<Value[]> {
  const read: Value[] = [];
  for await (const value of pages) read.push(value);
  return read;
}

const textOf = (item: Item) => (item.type === "message" && item.content[0]?.type === "input_text" ? item.content[0].text : "");

// The eight routes.
const sent: Sent[] = [
  { role: "user", content: "Where is order 1042?" },
  { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "gAAAA" },
  { type: "function_call", call_id: "c", name: "find", arguments: '{"n": 1}' },
  { type: "function_call_output", call_id: "c", output: "shipped" },
  { role: "assistant", content: "It is shipped." },
];
const made = await client.conversations.create({ metadata: { topic: "orders" }, items: sent.slice(0, 1) });
same([made.object, made.metadata], ["conversation", { topic: "orders" }]);
same(await client.conversations.retrieve(made.id), made);
same((await client.conversations.update(made.id, { metadata: { topic: "returns" } })).metadata, { topic: "returns" });
const stored = await client.conversations.items.create(made.id, { items: sent.slice(1) });
same(stored.data.map((item) => item.type), ["reasoning", "function_call", "function_call_output", "message"]);
const items = await all(client.conversations.items.list(made.id, { order: "asc", limit: 2 }));
same(items.slice(1), stored.data);
same(items[1], sent[1]);
const newest = await all(client.conversations.items.list(made.id, { include: ["reasoning.encrypted_content"] }));
same(newest, [...items].reverse());
const [first] = items;
if (!first || first.type !== "message") throw new Error("no message");
same(await client.conversations.items.retrieve(first.id, { conversation_id: made.id }), first);
same((await client.conversations.items.delete(first.id, { conversation_id: made.id })).id, made.id);
same((await all(client.conversations.items.list(made.id, { order: "asc" }))).length, 4);

// Many pages, in both orders.
const long = (await client.conversations.create()).id;
const numbers = [...Array(101).keys()].map(String);
for (let start = 0; start < numbers.length; start += 20) {
  const chunk: Sent[] = numbers.slice(start, start + 20).map((content) => ({ role: "user", content }));
  await client.conversations.items.create(long, { items: chunk });
}
same((await all(client.conversations.items.list(long, { order: "asc" }))).map(textOf), numbers);
same((await all(client.conversations.items.list(long))).map(textOf), [...numbers].reverse());

// Errors are its own, and nothing is tried twice that no repetition mends.
const invalid = await refused(client.conversations.items.create(made.id, { items: [{ role: "user" } as Sent] }));
same([invalid.status, invalid.param, invalid.code], [400, "items[0].content", "missing_required_parameter"]);
const wrong = await refused(new OpenAI({ ...options, apiKey: "wrong" }).conversations.retrieve(made.id));
same([wrong.status, wrong.code, wrong instanceof OpenAI.AuthenticationError], [401, "invalid_api_key", true]);
const gone = await client.conversations.delete(made.id);
same([gone.id, gone.object, gone.deleted], [made.id, "conversation.deleted", true]);
const absent = await refused(client.conversations.retrieve(made.id));
same([absent instanceof OpenAI.NotFoundError, typeof absent.requestID], [true, "string"]);

// A retry of the client stores nothing twice where its key is sent: the answer to the first try is lost.
class SafeOpenAI extends OpenAI {
  protected override idempotencyHeader = "Idempotency-Key";
}
for (const [kind, count] of [[SafeOpenAI, 1], [OpenAI, 2]] as const) {
  let tries = 0;
  const losing: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init);
    if (init?.method?.toUpperCase() === "POST" && tries++ === 0) {
      await answer.arrayBuffer();
      throw new TypeError("lost");
    }
    return answer;
  };
  const { id } = await client.conversations.create();
  await new kind({ ...options, fetch: losing }).conversations.items.create(id, { items: sent.slice(0, 1) });
  same([tries, (await all(client.conversations.items.list(id))).length], [2, count]);
}

// The Assistants' threads.
const threads = client.beta.threads;
const thread = await threads.create({ messages: [{ role: "user", content: "hi" }], metadata: { k: "v" } });
for (const content of numbers.slice(0, 25)) await threads.messages.create(thread.id, { role: "user", content });
const listed = await all(threads.messages.list(thread.id, { order: "asc", limit: 10 }));
const texts = listed.map((message) => (message.content[0]?.type === "text" ? message.content[0].text.value : ""));
same(texts, ["hi", ...numbers.slice(0, 25)]);
const run = await threads.runs.create(thread.id, { assistant_id: "helper" });
same([run.status, (await threads.runs.retrieve(run.id, { thread_id: thread.id })).id], ["queued", run.id]);
same((await threads.runs.cancel(run.id, { thread_id: thread.id })).status, "cancelled");
same((await threads.delete(thread.id)).deleted, true);
console.log("done");
