import { useSession } from "h3";
import { onH3 } from "../../hosts/h3.mjs";
import { DATA, SECRET, counted, greet } from "../../shared/answers.mjs";

const config = { password: SECRET };

// No middleware: each handler asks for the session, so a request that does not touch it pays nothing.
export const bench = onH3({
  name: "useSession",
  role: "peer",
  keeps: "cookie",
  build(app) {
    app.post("/login", async (event) => {
      const session = await useSession(event, config);
      await session.update(DATA);
      return "ok";
    });
    app.get("/read", async (event) => {
      const session = await useSession(event, config);
      return greet(session.data.user_id);
    });
    app.get("/write", async (event) => {
      const session = await useSession(event, config);
      const count = (session.data.count ?? 0) + 1;
      await session.update({ count });
      return counted(count);
    });
  },
});
