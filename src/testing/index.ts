export { adapterContract } from "./adapter/adapter-contract.ts";
export { testClient } from "./client.ts";
export { testClock } from "./clock.ts";
export { tableContractChild } from "./contract/processes/child.ts";
export { tableLaws } from "./contract/laws.ts";
export { tableContract } from "./contract/table-contract.ts";
export { cookieFor } from "./sign-in.ts";
export type { AdapterContractCase } from "./adapter/adapter-contract.ts";
export type {
  AdapterAnswer,
  AdapterApp,
  AdapterData,
  AdapterGiven,
  OpenAdapter,
} from "./adapter/open-adapter.ts";
export type { BrowserCookie, TestClient } from "./client.ts";
export type { TestClock } from "./clock.ts";
export type { TableLaw, TableLaws } from "./contract/laws.ts";
export type {
  ContractCase,
  OpenTable,
  TableChild,
  TableContractOptions,
} from "./contract/open-table.ts";
export type { SignInData } from "./sign-in.ts";
export type { TestTarget } from "./target.ts";
