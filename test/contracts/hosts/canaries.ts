import * as net from "node:net";
import type { Handle, Incoming } from "./app.ts";
import { whole } from "./client.ts";
import type { Client } from "./client.ts";
import { open } from "./world.ts";
import type { Parts, Setting } from "./world.ts";

/** People whose sessions hold their own names, so that a session in the wrong place sings. */
const CANARIES = 100;
const CONNECTIONS = 10;

/** What came of it. */
export interface Flight {
  /** Answers that are not what the one who asked should see. */
  readonly mixUps: readonly string[];
  /** How many sessions were begun. */
  readonly created: number;
  readonly errors: readonly unknown[];
}

/** Sends so many requests, a hundred at a time, over connections that the canaries share and change. */
export async function fly(setting: Setting, requests: number): Promise<Flight> {
  const world = await open(setting, handler);
  const { protocol } = setting.driver;
  const connections = Array.from({ length: CONNECTIONS }, () =>
    protocol === "http/2" ? multiplexed(world.client()) : pipelined(world.port),
  );
  const canaries = Array.from({ length: CANARIES }, (_, id) => new Canary(`canary-${id}`));
  const mixUps: string[] = [];
  for (let round = 0; round * CANARIES < requests; round += 1) {
    const flocks = connections.map((connection, at) => ({
      connection,
      // Neighbours on a connection are others in each round.
      flock: canaries.filter((_, id) => (id + Math.floor(id / 10) * round) % CONNECTIONS === at),
    }));
    await Promise.all(
      flocks.map(async ({ connection, flock }) => {
        const answers = await connection(flock.map((canary) => canary.ask(round)));
        flock.forEach((canary, at) => mixUps.push(...canary.judge(round, answers[at])));
      }),
    );
  }
  return { mixUps, created: world.calls.create, errors: world.errors };
}

/** What the application does: each request is under way for another number of turns. */
function handler({ sessions }: Parts): Handle {
  return async (incoming: Incoming) => {
    const user = incoming.query.get("user") ?? "";
    const at = Number(incoming.query.get("at"));
    for (let turn = (at * 7 + user.length) % 3; turn > 0; turn -= 1) {
      await new Promise((done) => setImmediate(done));
    }
    const found = sessions.getSession(incoming.conn, "user");
    if (at === 0) sessions.putSession(incoming.conn, "user", user);
    else if (at % 4 === 0) sessions.updateSession(incoming.conn, "n", (n = 0) => n + 1);
    if (at % 10 === 9) sessions.renewSession(incoming.conn);
    return { body: `${found} ${sessions.getSession(incoming.conn, "n")}` };
  };
}

/** One person, who asks one thing after the other. */
class Canary {
  readonly #name: string;
  #cookie: string | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  ask(round: number): Question {
    return { path: `/?user=${this.#name}&at=${round}`, cookie: this.#cookie };
  }

  judge(round: number, answer: Answer | undefined): readonly string[] {
    const [set] = answer?.cookies ?? [];
    if (set !== undefined) this.#cookie = set.split(";")[0];
    const n = Math.floor(round / 4);
    const expected = round === 0 ? "undefined undefined" : `${this.#name} ${n || undefined}`;
    return answer?.body === expected ? [] : [`${this.#name} at ${round}: ${answer?.body}`];
  }
}

interface Question {
  readonly path: string;
  readonly cookie: string | undefined;
}

interface Answer {
  readonly cookies: readonly string[];
  readonly body: string;
}

/** Carries requests all at once, and gives the answers in their order. */
type Connection = (questions: readonly Question[]) => Promise<readonly Answer[]>;

function multiplexed(client: Client): Connection {
  return (questions) =>
    Promise.all(
      questions.map(({ path, cookie }) =>
        whole(client.ask(path, { cookies: cookie === undefined ? [] : [cookie] })),
      ),
    );
}

/** HTTP/1.1 as a browser never speaks it: the next request is there before the one before it is answered. */
function pipelined(port: number): Connection {
  const socket = net.connect(port, "127.0.0.1").setEncoding("latin1");
  return async (questions) => {
    const lines = questions.map(({ path, cookie }) => {
      const cookies = cookie === undefined ? "" : `Cookie: ${cookie}\r\n`;
      return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${cookies}\r\n`;
    });
    return new Promise((resolve, reject) => {
      const answers: Answer[] = [];
      let come = "";
      const take = (chunk: string): void => {
        come += chunk;
        for (let next = answerIn(come); next; next = answerIn(come)) {
          answers.push(next.answer);
          come = come.slice(next.length);
        }
        if (answers.length < questions.length) return;
        socket.off("data", take).off("close", lost);
        resolve(answers);
      };
      const lost = (): void => reject(new Error("the connection ended"));
      socket.on("data", take).on("close", lost);
      socket.write(lines.join(""));
    });
  };
}

/** The first answer, when all of it has come. */
function answerIn(come: string): { readonly answer: Answer; readonly length: number } | undefined {
  const end = come.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = come.slice(0, end);
  const cookies = [...head.matchAll(/\r\nset-cookie: (.*)/gi)].map(([, cookie = ""]) => cookie);
  let at = end + 4;
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const last = at + Number(length);
    return come.length < last
      ? undefined
      : { answer: { cookies, body: come.slice(at, last) }, length: last };
  }
  // In chunks.
  let body = "";
  for (;;) {
    const line = come.indexOf("\r\n", at);
    const size = Number.parseInt(come.slice(at, line), 16);
    const last = line + 2 + size + 2;
    if (line === -1 || come.length < last) return undefined;
    if (size === 0) return { answer: { cookies, body }, length: last };
    body += come.slice(line + 2, line + 2 + size);
    at = last;
  }
}
