import { answer, onExpress } from "../../hosts/express.mjs";

export const bench = onExpress({ name: "bare", role: "bare", build: answer });
