const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** Requests of every framing, pipelined ones among them. */
export const REQUEST_SEEDS: readonly Buffer[] = [
  "GET / HTTP/1.1\r\nHost: a.test\r\n\r\nGET /2 HTTP/1.1\r\nhost:a.test\r\nX-Foo:  b \r\n\r\n",
  "POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nX-T: 1\r\n\r\n",
  "\r\nOPTIONS http://b.test HTTP/1.0\r\nConnection: keep-alive\r\n\r\nCONNECT b.test:1 HTTP/1.1\r\n\r\nraw",
  "GET /ws HTTP/1.1\r\nHost: [::1]:80\r\nConnection: upgrade, te\r\nUpgrade: websocket\r\nTE: trailers\r\n\r\nraw",
].map(latin1);

/** Responses of every framing, informational ones among them. */
export const RESPONSE_SEEDS: readonly Buffer[] = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
  "HTTP/1.0 200\r\nServer: x\r\nConnection: keep-alive\r\n\r\nuntil the end",
  "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nConnection: close\r\n\r\n",
].map(latin1);

/** What means something in the grammar. */
export const HTTP1_DICTIONARY: readonly Buffer[] = [
  ...'\r\n|\n|\r|:|: |, |\t|;|\0|\x7f|\xff|_|=|"|*|/|//|?|#|%00|@|[::1]|HTTP/1.1|HTTP/1.0|HTTP/2.0'.split(
    "|",
  ),
  ..."GET|HEAD|CONNECT|POST|http://b|https://b|100|101|204|304|ffffffffffffffff|0\r\n\r\n|chunked|close|upgrade".split(
    "|",
  ),
  ..."Host: b\r\n|Content-Length: 3\r\n|Transfer-Encoding: chunked\r\n|Connection: close\r\n|keep-alive".split(
    "|",
  ),
  ..."Connection: upgrade\r\n|Upgrade: h2c\r\n|Expect: 100-continue\r\n|TE: trailers\r\n|Trailer: x\r\n".split(
    "|",
  ),
  "a".repeat(1100),
].map(latin1);
