/** Adapters of serverless platforms: an Express application without a server, asked by an event of AWS Lambda. */
import express from "express";
import { session } from "../../../src/adapters/express.ts";
import type { Ask, Kit, Neighbour, Reply } from "../neighbour.ts";
import { load } from "../support/packages.ts";

interface Answer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

type Handler = (event: object, context: object) => Promise<Answer>;

const requests: readonly Ask[] = [
  { path: "/send" },
  { path: "/send", method: "HEAD" },
  { path: "/pieces" },
  { path: "/later" },
  { path: "/redirect" },
  { path: "/throw" },
  { path: "/post", method: "POST", headers: { "content-type": "text/plain" }, body: "a body" },
  { path: "/none" },
];

export const serverless: readonly Neighbour[] = [
  {
    host: "Serverless",
    name: "@codegenie/serverless-express",
    package: "@codegenie/serverless-express",
    async program(kit) {
      const adapt = await load<(options: object) => Handler>("@codegenie/serverless-express");
      return { ask: asking(adapt({ app: application(kit) })) };
    },
    requests,
  },
  {
    host: "Serverless",
    name: "serverless-http",
    package: "serverless-http",
    async program(kit) {
      const adapt = await load<(app: unknown) => Handler>("serverless-http");
      return { ask: asking(adapt(application(kit))) };
    },
    requests,
  },
];

function application(kit: Kit): ReturnType<typeof express> {
  const app = express().set("env", "test");
  app.use((_req, res, next) => {
    kit.watch(res);
    next();
  });
  // Above every middleware that waits: @codegenie/serverless-express has no body left for a parser below one.
  app.use(express.text());
  if (kit.sessions) app.use(session(kit.sessions));
  app.use((req, _res, next) => {
    kit.above(req);
    next();
  });
  const look =
    (handler: express.Handler): express.Handler =>
    (req, res, next) =>
      kit.handle(req, () => handler(req, res, next));
  app.get(
    "/send",
    look((_req, res) => void res.cookie("own", "1").set("X-Own", "1").send("page")),
  );
  app.get(
    "/pieces",
    look((_req, res) => {
      res.write("one ");
      res.end("two");
    }),
  );
  app.get(
    "/later",
    look(async (_req, res) => {
      await new Promise((done) => setImmediate(done));
      res.status(201).json({ n: 1 });
    }),
  );
  app.get(
    "/redirect",
    look((_req, res) => res.redirect("/send")),
  );
  app.get(
    "/throw",
    look(() => {
      throw new Error("thrown");
    }),
  );
  app.post(
    "/post",

    look((req, res) => void res.send(req.body)),
  );
  app.use(((error: Error, _req, res, _next) => {
    kit.note(`error ${error.message}`);
    res.status(500).send(error.message);
  }) satisfies express.ErrorRequestHandler);
  return app;
}

function asking(handler: Handler) {
  return async (
    ask: Ask & { readonly headers: Readonly<Record<string, string>> },
  ): Promise<Reply> => {
    const { cookie, ...headers } = ask.headers;
    const method = ask.method ?? "GET";
    const event = {
      version: "2.0",
      routeKey: "$default",
      rawPath: ask.path,
      rawQueryString: "",
      headers: { host: "shop.example", ...headers, ...(cookie ? { cookie } : {}) },
      cookies: cookie ? cookie.split("; ") : [],
      requestContext: {
        http: { method, path: ask.path, sourceIp: "192.0.2.1", protocol: "HTTP/1.1" },
        accountId: "1",
        stage: "$default",
      },
      body: ask.body?.toString(),
      isBase64Encoded: false,
    };
    const answer = await handler(event, {});
    const lines = Object.entries(answer.headers ?? {}).map(
      ([name, value]) => [name, String(value)] as const,
    );
    const cookies = (answer.cookies ?? []).map((value) => ["set-cookie", value] as const);
    return {
      status: answer.statusCode,
      reason: "",
      headers: [...lines, ...cookies],
      body: Buffer.from(answer.body ?? "", answer.isBase64Encoded ? "base64" : "utf8"),
      trailers: [],
      error: "",
    };
  };
}
