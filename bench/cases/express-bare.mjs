import { answerOnExpress, onExpress } from "../hosts.mjs";

export const bench = onExpress({ name: "bare", role: "bare", build: answerOnExpress });
