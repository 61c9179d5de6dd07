import type { Socket } from "node:net";
import {
  leave,
  pause,
  send,
  type AnswerSource,
  type UpstreamConnection,
} from "./upstream-connection.ts";
import { renderAnswer, type Answer } from "./upstream-script.ts";

const PIECE_GAP_MS = 30;

/** Gives what takes a connection's bytes. Its answers go out one after the other, whatever their delays. */
export function takeHttp1(
  socket: Socket,
  connection: UpstreamConnection,
  source: AnswerSource,
): (data: Buffer) => void {
  let heads = 0;
  let begun = 0;
  let interims = 0;
  let queue = Promise.resolve();
  const begin = (method: string): void => {
    begun += 1;
    const answer = source.begin();
    queue = queue.then(() => answerHttp1(socket, connection, answer, method));
  };
  if (source.upcoming().at === "connect") begin("GET");
  return (data) => {
    connection.reader.push(data);
    if (connection.echoes) send(socket, connection, data);
    const messages = connection.reader.messages;
    for (; heads < messages.length; heads += 1) source.note(heads);
    const { interim } = source.upcoming();
    if (interim !== undefined && interims < heads) {
      interims = heads;
      send(socket, connection, Buffer.from(interim, "latin1"));
    }
    for (let next = messages[begun]; next !== undefined; next = messages[begun]) {
      if (!next.complete && source.upcoming().at !== "head") break;
      begin(next.startLine.split(" ")[0] ?? "");
    }
  };
}

async function answerHttp1(
  socket: Socket,
  connection: UpstreamConnection,
  answer: Answer,
  method: string,
): Promise<void> {
  if (answer.delay_ms !== undefined) await pause(answer.delay_ms);
  for (const [index, piece] of renderAnswer(answer, method).entries()) {
    if (index > 0) await pause(PIECE_GAP_MS);
    send(socket, connection, piece);
  }
  if (answer.afterwards === undefined) return;
  if (answer.hold_ms !== undefined) await pause(answer.hold_ms);
  if (answer.afterwards === "echo") {
    connection.echoes = true;
    send(socket, connection, connection.reader.rest);
  } else leave(socket, answer.afterwards);
}
