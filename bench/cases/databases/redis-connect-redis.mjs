import { RedisStore } from "connect-redis";
import session from "express-session";
import { onNode, useExpressSession } from "../../hosts/node.mjs";
import { SECRET } from "../../shared/answers.mjs";
import { redisClient } from "../../shared/database-clients.mjs";

export const bench = onNode({
  name: "express-session, connect-redis",
  role: "peer",
  keeps: "table",
  async listener() {
    const store = new RedisStore({ client: await redisClient(), prefix: "bench:" });
    return useExpressSession(
      session({ store, secret: SECRET, resave: false, saveUninitialized: false }),
    );
  },
});
