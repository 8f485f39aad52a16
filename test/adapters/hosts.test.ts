import { hostContract } from "../contract/host.ts";
import { express4Host, express5Host } from "../contract/host-express.ts";
import { honoHost } from "../contract/host-hono.ts";
import { http2Host, nodeHost } from "../contract/host-node.ts";

for (const driver of [nodeHost, http2Host, express5Host, express4Host, honoHost]) {
  hostContract(driver);
}
