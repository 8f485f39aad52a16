import { describe } from "vitest";
import type { HostDriver } from "./host-app.ts";
import { answerCases } from "./host-cases-answer.ts";
import { clientCases } from "./host-cases-client.ts";
import { failureCases } from "./host-cases-failure.ts";
import { filterCases } from "./host-cases-filter.ts";
import { lifeCases } from "./host-cases-life.ts";
import { transportCases } from "./host-cases-transport.ts";
import { storeKinds } from "./host-stores.ts";

/** What every host promises, over real sockets, with every kind of store. */
export function hostContract(driver: HostDriver): void {
  describe.each(storeKinds)(`${driver.name} with $name`, (stores) => {
    const setting = { driver, stores };
    describe("the life of a session", () => lifeCases(setting));
    describe("filters", () => filterCases(setting));
    describe("answers", () => answerCases(setting));
    describe("failures", () => failureCases(setting));
    describe("clients", () => clientCases(setting));
    describe("transport", () => transportCases(setting));
  });
}
