export { testClient } from "./client.ts";
export { testClock } from "./clock.ts";
export { tableContract } from "./contract/table-contract.ts";
export { cookieFor } from "./sign-in.ts";
export type { BrowserCookie, TestClient } from "./client.ts";
export type { TestClock } from "./clock.ts";
export type { ContractCase, OpenTable } from "./contract/case.ts";
export type { SignInData } from "./sign-in.ts";
export type { TestTarget } from "./target.ts";
