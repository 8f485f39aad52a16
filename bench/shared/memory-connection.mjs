// A connection to an HTTP server without a network: the server is Node's own and does all that it always does.
import { Duplex } from "node:stream";

/**
 * What the benchmark needs of an answer; the cookies as a browser sends them, of one name the last.
 * @param {string} text
 */
export function readAnswer(text) {
  const end = text.indexOf("\r\n\r\n");
  const [status = "", ...lines] = text.slice(0, end).split("\r\n");
  const cookies = lines
    .map((line) => /^set-cookie: *([^=]*)=([^;]*)/i.exec(line))
    .filter((match) => match !== null);
  const jar = new Map(cookies.map(([, name, value]) => [name, value]));
  const [, chunk] = /^[0-9a-f]+\r\n(.*?)\r\n0\r\n\r\n$/s.exec(text.slice(end + 4)) ?? [];
  return {
    status: Number(status.split(" ")[1]),
    cookie: [...jar].map((pair) => pair.join("=")).join("; "),
    body: chunk ?? text.slice(end + 4),
  };
}

export class MemoryConnection extends Duplex {
  #answer = "";
  /** @type {((answer: string) => void) | undefined} */
  #answered;

  /** @param {import("node:http").Server} server */
  constructor(server) {
    super();
    server.emit("connection", this);
  }

  /**
   * Sends a request and waits for its answer, as text.
   * @param {Buffer} request
   * @returns {Promise<string>}
   */
  ask(request) {
    this.#answer = "";
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.push(request);
    });
  }

  _read() {}

  /**
   * @param {Buffer} chunk
   * @param {string} _encoding
   * @param {() => void} done
   */
  _write(chunk, _encoding, done) {
    this.#answer += chunk.toString("latin1");
    const answered = this.#answered;
    if (answered && isComplete(this.#answer)) {
      this.#answered = undefined;
      // The server first gets the chance to end its work on this request.
      setImmediate(() => answered(this.#answer));
    }
    done();
  }
}

/**
 * The bytes of a request.
 * @param {string} path
 * @param {string} cookie
 * @param {string} [method]
 */
export function requestOf(path, cookie, method = "GET") {
  const lines = [`${method} ${path} HTTP/1.1`, "Host: localhost", "Connection: keep-alive"];
  if (cookie !== "") lines.push(`Cookie: ${cookie}`);
  if (method === "POST") lines.push("Content-Length: 0");
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

/** @param {string} text */
function isComplete(text) {
  const head = text.indexOf("\r\n\r\n");
  if (head === -1) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  return length === undefined
    ? text.endsWith("\r\n0\r\n\r\n")
    : text.length >= head + 4 + Number(length);
}
