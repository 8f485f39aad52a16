import { answer, onH3 } from "../../hosts/h3.mjs";

export const bench = onH3({ name: "bare", role: "bare", build: answer });
