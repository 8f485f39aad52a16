import { getIronSession } from "iron-session";
import { onExpress } from "../../hosts/express.mjs";
import { DATA, SECRET, counted, greet } from "../../shared/answers.mjs";

const options = { password: SECRET, cookieName: "session" };

// No middleware: each handler asks for the session, so a request that does not touch it pays nothing.
export const bench = onExpress({
  name: "iron-session",
  role: "peer",
  keeps: "cookie",
  build(app) {
    app.post("/login", async (req, res) => {
      const session = await getIronSession(req, res, options);
      Object.assign(session, DATA);
      await session.save();
      res.send("ok");
    });
    app.get("/read", async (req, res) => {
      const session = await getIronSession(req, res, options);
      res.send(greet(session.user_id));
    });
    app.get("/write", async (req, res) => {
      const session = await getIronSession(req, res, options);
      session.count = (session.count ?? 0) + 1;
      await session.save();
      res.send(counted(session.count));
    });
  },
});
