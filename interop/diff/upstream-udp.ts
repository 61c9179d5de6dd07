import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { MessageReader } from "../harness/message-reader.ts";
import type { UpstreamConnection } from "./upstream-connection.ts";

/** What an upstream of UDP does with each datagram. */
export type UdpAct = "echo" | "silent";

/** Stands in what was received behind each datagram, so that they can be told apart. */
const DATAGRAM_END = Buffer.from("|", "latin1");

/** Listens on 127.0.0.1 until the socket is closed; each peer is noted as a connection. */
export async function listenUdp(
  port: number,
  act: UdpAct,
  connections: UpstreamConnection[],
): Promise<Socket> {
  const socket = createSocket("udp4");
  const byPeer = new Map<string, UpstreamConnection>();
  socket.on("message", (data, { address, port: peerPort }) => {
    const peer = `${address}:${peerPort}`;
    let connection = byPeer.get(peer);
    if (connection === undefined) {
      connection = newConnection(peer);
      byPeer.set(peer, connection);
      connections.push(connection);
    }
    connection.bytesReceived += data.length;
    connection.received.push(Buffer.concat([data, DATAGRAM_END]));
    if (act !== "echo") return;
    connection.bytesSent += data.length;
    socket.send(data, peerPort, address);
  });
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

function newConnection(peer: string): UpstreamConnection {
  return {
    peer,
    tls: null,
    reader: new MessageReader("request"),
    http2: null,
    received: [],
    bytesReceived: 0,
    bytesSent: 0,
    echoes: false,
    fate: "open",
  };
}
