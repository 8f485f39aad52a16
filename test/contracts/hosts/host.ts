import { describe } from "vitest";
import type { HostDriver } from "./app.ts";
import { answerCases } from "./cases/answer.ts";
import { cacheCases } from "./cases/caches.ts";
import { clientCases } from "./cases/client.ts";
import { failureCases } from "./cases/failure.ts";
import { middlewareCases } from "./cases/middleware.ts";
import { lifeCases } from "./cases/life.ts";
import { transportCases } from "./cases/transport.ts";
import { unansweredCases } from "./cases/unanswered.ts";
import { storeKinds } from "./stores.ts";

/** What every host promises, over real sockets, with every kind of store. */
export function hostContract(driver: HostDriver): void {
  describe.each(storeKinds)(`${driver.name} with $name`, (stores) => {
    const setting = { driver, stores };
    describe("the life of a session", () => lifeCases(setting));
    describe("middleware", () => middlewareCases(setting));
    describe("answers", () => answerCases(setting));
    describe("L16: caches", () => cacheCases(setting));
    describe("failures", () => failureCases(setting));
    describe("clients", () => clientCases(setting));
    describe("answers that never leave", () => unansweredCases(setting));
    describe("transport", () => transportCases(setting));
  });
}
