// A browser as far as the benchmark needs one, and the proof that a case does its work.
import assert from "node:assert/strict";
import { USER, counted, greet } from "./answers.mjs";

export class Browser {
  #origin;
  /** @type {Map<string, string>} */
  #cookies = new Map();

  /** @param {string} origin */
  constructor(origin) {
    this.#origin = origin;
  }

  /** What it sends as its Cookie header. */
  get cookie() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /**
   * @param {string} path
   * @param {string} [method]
   * @returns {Promise<string>}
   */
  async visit(path, method = "GET") {
    const headers = { cookie: this.cookie };
    const response = await fetch(this.#origin + path, { method, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    assert.equal(response.status, 200, `${method} ${path}`);
    return response.text();
  }
}

/**
 * Signs in, and gives the Cookie header of a browser that is.
 * @param {string} origin
 */
export async function signIn(origin) {
  const browser = new Browser(origin);
  assert.equal(await browser.visit("/login", "POST"), "ok");
  return browser.cookie;
}

/**
 * Whether a case with sessions really keeps them: a stranger is nobody, and a counter counts.
 * @param {string} origin
 */
export async function check(origin) {
  const stranger = new Browser(origin);
  assert.equal(await stranger.visit("/read"), greet(undefined));
  const user = new Browser(origin);
  await user.visit("/login", "POST");
  assert.equal(await user.visit("/read"), greet(USER));
  for (const count of [1, 2, 3]) assert.equal(await user.visit("/write"), counted(count));
  assert.equal(await user.visit("/read"), greet(USER));
  assert.equal(await user.visit("/untouched"), "untouched");
}
