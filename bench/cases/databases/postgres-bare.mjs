import { answer, onNode, route } from "../../hosts/node.mjs";

export const bench = onNode({ name: "bare", role: "bare", listener: async () => route(answer) });
