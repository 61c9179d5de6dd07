import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { NO_NAME } from "../oracle/connections.ts";

const WITHIN_MS = 10_000;

/** What a client sees of a connection: the first line that comes, or how it ends. */
export type ConnectionOutcome = Readonly<{ answer: string } | { ended: string }>;

/** How a client speaks. */
export type Client = "tcp" | "tls";

/** Connects, asks who is there, and reads a line. */
export function askConnection(
  port: number,
  client: Client,
  serverName: string,
): Promise<ConnectionOutcome> {
  return new Promise((resolve) => {
    const socket = open(port, client, serverName);
    let text = "";
    const end = (outcome: ConnectionOutcome): void => {
      clearTimeout(giveUp);
      socket.destroy();
      resolve(outcome);
    };
    const giveUp = setTimeout(() => end({ ended: "not at all" }), WITHIN_MS);
    socket.on(client === "tls" ? "secureConnect" : "connect", () => socket.write("who\r\n\r\n"));
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const [line, ...more] = text.split("\n");
      if (more.length > 0) end({ answer: line!.trim() });
    });
    // Whether it is FIN or RST depends on what was read: both say that nobody is there.
    socket.on("close", () => end({ ended: "closed" }));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      end({ ended: error.code === "ECONNRESET" ? "closed" : error.message }),
    );
  });
}

function open(port: number, client: Client, serverName: string): Socket {
  const target = { host: "127.0.0.1", port };
  if (client === "tcp") return connectTcp(target);
  const name = serverName === NO_NAME ? "" : serverName;
  return connectTls({ ...target, servername: name, rejectUnauthorized: false });
}
