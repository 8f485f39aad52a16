// An event that nobody listens to.
import { KEY } from "../shared/answers.mjs";
import { load } from "../shared/sojourn.mjs";

/** @type {import("./all.mjs").Operation[]} */
export const operations = [
  {
    group: "event",
    name: "sojourn, without a listener",
    role: "sojourn",
    times: 20_000,
    async setup() {
      const { publish } = await load("core/events");
      return () => {
        publish("refuse", KEY, undefined, "forged");
        return true;
      };
    },
  },
];
