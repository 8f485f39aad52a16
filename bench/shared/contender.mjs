// A case at work in a process of its own, and samples of it under load.
import process from "node:process";
import { NO_SESSION } from "./answers.mjs";
import { check, signIn } from "./browser.mjs";
import { SERVER_CORE, Worker } from "./worker.mjs";

/**
 * One shot of load at one server.
 * @typedef {object} Sample
 * @property {number} requests answered
 * @property {number} seconds
 * @property {number} cpu microseconds that the server's process has worked
 */

export class Contender {
  /** @type {Record<string, Sample[]>} by scenario */
  samples = {};
  #server;
  #origin = "";

  /**
   * @param {Worker} server
   * @param {import("./answers.mjs").Case} about
   * @param {string} origin
   * @param {readonly string[]} cookies
   */
  constructor(server, about, origin, cookies) {
    this.#server = server;
    this.#origin = origin;
    this.name = about.name;
    this.role = about.role;
    this.keeps = about.keeps;
    this.cookies = cookies;
  }

  /**
   * Starts a case, sees that it does its work, and signs its users in.
   * @param {string} file below `cases`
   * @param {number} users
   * @param {Record<string, string>} [environment]
   */
  static async start(file, users, environment = {}) {
    const server = new Worker(SERVER_CORE, ["shared/server.mjs", file], { environment });
    const about = await server.hear();
    const origin = `http://127.0.0.1:${about.port}`;
    if (about.keeps) await check(origin);
    const signing = async () => (about.keeps ? signIn(origin) : NO_SESSION);
    const cookies = await Promise.all(Array.from({ length: users }, signing));
    return new Contender(server, about, origin, cookies);
  }

  /**
   * @param {Worker} load
   * @param {import("./scenarios.mjs").Scenario} scenario
   * @param {number} seconds
   * @returns {Promise<Sample>}
   */
  async shoot(load, scenario, seconds) {
    const { name, path, signedIn, expected } = scenario;
    const cookies = signedIn ? this.cookies : this.cookies.map(() => "");
    const before = await this.#server.ask({});
    const shot = await load.ask({ url: this.#origin + path, seconds, cookies, expected });
    const after = await this.#server.ask({});
    if (shot.wrong > 0) throw new Error(`${this.name}: ${shot.wrong} wrong answers to ${name}`);
    // So slow, or so little time for it on a busy machine.
    if (shot.requests === 0) return this.shoot(load, scenario, seconds * 2);
    return { requests: shot.requests, seconds: shot.seconds, cpu: after.cpu - before.cpu };
  }

  stop() {
    this.#server.stop();
  }
}

/**
 * Each contender once, then each again: what disturbs the machine disturbs them all. The first round warms up.
 * @param {readonly Contender[]} contenders
 * @param {readonly import("./scenarios.mjs").Scenario[]} scenarios
 * @param {Worker} load
 * @param {{ rounds: number, seconds: number }} effort
 */
export async function interleave(contenders, scenarios, load, { rounds, seconds }) {
  const shots = scenarios.length * contenders.length;
  const minutes = (shots * (rounds * (seconds + 0.12) + seconds / 2)) / 60;
  process.stderr.write(`  ${contenders.length} servers, about ${minutes.toFixed(1)} minutes\n`);
  for (let round = 0; round <= rounds; round++) {
    for (const scenario of scenarios) {
      for (const contender of contenders) {
        const sample = await contender.shoot(load, scenario, round === 0 ? seconds / 2 : seconds);
        if (round > 0) (contender.samples[scenario.name] ??= []).push(sample);
      }
    }
    process.stderr.write(round === 0 ? "  warm\n" : `  round ${round} of ${rounds}\n`);
  }
}
