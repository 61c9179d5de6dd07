import { createSocket, type Socket } from "node:dgram";

/** One that is answered at all is answered within that. */
const WITHIN_MS = 8_000;
/** A listener that has just come may miss the first ones. */
const AGAIN_MS = 250;
/** One that is dropped is waited for so long. */
const SILENT_MS = 400;

/** A server that answers each datagram with a text. */
export function answerDatagrams(answer: string): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket("udp4");
  socket.on("message", (_, { address, port }) => socket.send(answer, port, address));
  return new Promise((resolve) => {
    socket.bind(0, "127.0.0.1", () => resolve({ socket, port: socket.address().port }));
  });
}

/** The answer to a datagram; null: there is none. */
export function askDatagram(
  port: number,
  { isDropped }: { readonly isDropped: boolean },
): Promise<string | null> {
  const socket = createSocket("udp4");
  return new Promise((resolve, reject) => {
    const send = (): void => socket.send("who", port, "127.0.0.1");
    const again = setInterval(send, AGAIN_MS);
    const end = (told: string | null): void => {
      clearInterval(again);
      clearTimeout(giveUp);
      socket.close();
      resolve(told);
    };
    const giveUp = setTimeout(() => end(null), isDropped ? SILENT_MS : WITHIN_MS);
    socket.on("message", (message) => end(message.toString()));
    socket.on("error", reject);
    send();
  });
}
