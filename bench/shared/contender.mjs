// A case at work in a process of its own, and slices of its time under load.
import assert from "node:assert/strict";
import process from "node:process";
import { NO_SESSION } from "./answers.mjs";
import { check, signIn } from "./browser.mjs";
import { shuffled } from "./statistics.mjs";
import { SERVER_CORE, Worker } from "./worker.mjs";

/**
 * One slice of load on one server.
 * @typedef {object} Slice
 * @property {number} requests answered
 * @property {number} seconds
 * @property {number} cpu microseconds that the server's process has worked, with all of its threads
 * @property {number} others microseconds that the database has worked meanwhile
 */

/** V8 shrinks the heap of a server that waits for some seconds, which then costs a fifth more. Here all wait. */
const NODE = ["--no-memory-reducer"];
/** Users for each connection: requests of one user hardly ever meet, which would be another measurement. */
const USERS = 4;
/** Seconds of load after the start. */
const WARM_UP = 3;

export class Contender {
  /** @type {Record<string, Slice[]>} by scenario */
  slices = {};
  #server;
  #origin = "";
  #connections;

  /**
   * @param {Worker} server
   * @param {import("./answers.mjs").Case} about
   * @param {string} origin
   * @param {readonly string[]} cookies
   * @param {number} connections
   */
  constructor(server, about, origin, cookies, connections) {
    this.#server = server;
    this.#origin = origin;
    this.#connections = connections;
    this.name = about.name;
    this.role = about.role;
    this.keeps = about.keeps;
    this.cookies = cookies;
  }

  /**
   * Starts a case, sees that it does its work, and signs its users in.
   * @param {string} file below `cases`
   * @param {number} connections of the load
   * @param {Record<string, string>} [environment]
   */
  static async start(file, connections, environment = {}) {
    const options = { environment, node: NODE };
    const server = new Worker(SERVER_CORE, ["shared/server.mjs", file], options);
    const about = await server.hear();
    const origin = `http://127.0.0.1:${about.port}`;
    if (about.keeps) await check(origin);
    const signing = async () => (about.keeps ? signIn(origin) : NO_SESSION);
    const cookies = await Promise.all(Array.from({ length: connections * USERS }, signing));
    return new Contender(server, about, origin, cookies, connections);
  }

  /**
   * Loads it with each scenario for a while, so that V8 has compiled what it will compile.
   * @param {import("./load.mjs").Load} load
   * @param {readonly import("./scenarios.mjs").Scenario[]} scenarios
   */
  async warmUp(load, scenarios) {
    for (const scenario of scenarios) await this.shoot(load, scenario, WARM_UP / scenarios.length);
  }

  /**
   * @param {import("./load.mjs").Load} load
   * @param {import("./scenarios.mjs").Scenario} scenario
   * @param {number} seconds
   * @param {() => number} [others] the CPU time of other processes that work for it
   * @returns {Promise<Slice>}
   */
  async shoot(load, scenario, seconds, others = () => 0) {
    const { name, path, signedIn, expected } = scenario;
    const cookies = signedIn ? this.cookies : this.cookies.map(() => "");
    const url = this.#origin + path;
    const [cookie = ""] = cookies;
    const response = await fetch(url, { headers: { cookie } });
    assert.match(await response.text(), new RegExp(expected), `${this.name}: ${name}`);
    const before = { ...(await this.#server.ask({})), others: others() };
    const shot = await load.shoot({ url, seconds, connections: this.#connections, cookies });
    const after = { ...(await this.#server.ask({})), others: others() };
    if (shot.wrong > 0) throw new Error(`${this.name}: ${shot.wrong} wrong answers to ${name}`);
    // So slow, or so little time for it on a busy machine.
    if (shot.requests === 0) return this.shoot(load, scenario, seconds * 2, others);
    const [cpu, other] = [after.cpu - before.cpu, after.others - before.others];
    return { requests: shot.requests, seconds: shot.seconds, cpu, others: other };
  }

  stop() {
    this.#server.stop();
  }
}

/**
 * Asks all contenders in turn, in an order that is drawn anew each time: what disturbs the machine disturbs them all.
 * @param {readonly Contender[]} contenders
 * @param {readonly import("./scenarios.mjs").Scenario[]} scenarios
 * @param {import("./load.mjs").Load} load
 * @param {{ rounds: number, seconds: number }} effort
 * @param {() => number} [others] the CPU time of other processes that work for them
 */
export async function interleave(contenders, scenarios, load, { rounds, seconds }, others) {
  for (const contender of shuffled(contenders)) await contender.warmUp(load, scenarios);
  for (const scenario of scenarios) {
    for (let round = 0; round < rounds; round++) {
      for (const contender of shuffled(contenders)) {
        const slice = await contender.shoot(load, scenario, seconds, others);
        (contender.slices[scenario.name] ??= []).push(slice);
      }
      process.stderr.write(".");
    }
  }
}
