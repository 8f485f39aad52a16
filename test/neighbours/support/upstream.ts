/** The server behind a proxy: it sends back what it gets, with headers that a proxy must pass on. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Upstream {
  readonly url: string;
  close(): void;
}

export async function startUpstream(): Promise<Upstream> {
  const server = createServer((req, res) => {
    res.writeHead(req.url === "/gone" ? 410 : 200, {
      "Set-Cookie": ["a=1", "b=2"],
      "X-Up": "1",
    });
    req.pipe(res);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
