// Another process in the table contract: node contract-child.mjs <kind> <place> <name>, as open-table.mjs takes them.
import { tableContractChild } from "../../../dist/testing/index.js";
import { openTable } from "./open-table.mjs";

void tableContractChild(openTable);
