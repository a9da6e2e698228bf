// What the AI SDK says of transcripts.json, a list of lists of UIMessages: {taken, refused: [{number, error}]}.
import { readFileSync } from "node:fs";
import { convertToModelMessages, modelMessageSchema, validateUIMessages } from "ai";

const transcripts = JSON.parse(readFileSync("transcripts.json", "utf8"));
const refused = [];
for (const [number, messages] of transcripts.entries()) {
  try {
    const made = await convertToModelMessages(await validateUIMessages({ messages }));
    made.forEach((message) => modelMessageSchema.parse(message));
  } catch (error) {
    refused.push({ number, error: String(error).slice(0, 2000), messages });
  }
}
console.log(JSON.stringify({ taken: transcripts.length - refused.length, refused }));
