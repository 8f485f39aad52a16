export { tableContract } from "./contract/table-contract.ts";
export type { ContractCase, OpenTable } from "./contract/case.ts";
