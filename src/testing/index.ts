export { tableContract } from "./table-contract.ts";
export type { ContractCase, OpenTable } from "./contract.ts";
