import { answerOnHono, onHono } from "../hosts.mjs";

export const bench = onHono({ name: "bare", role: "bare", build: answerOnHono });
