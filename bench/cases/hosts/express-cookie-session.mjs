import cookieSession from "cookie-session";
import { onExpress } from "../../hosts/express.mjs";
import { DATA, SECRET, counted, greet } from "../../shared/answers.mjs";

// Signs and does not encrypt.
export const bench = onExpress({
  name: "cookie-session (signed only)",
  role: "peer",
  keeps: "cookie",
  build(app) {
    app.use(cookieSession({ name: "session", keys: [SECRET], maxAge: 24 * 60 * 60 * 1000 }));
    app.post("/login", (req, res) => {
      Object.assign(req.session, DATA);
      res.send("ok");
    });
    app.get("/read", (req, res) => res.send(greet(req.session.user_id)));
    app.get("/write", (req, res) => {
      req.session.count = (req.session.count ?? 0) + 1;
      res.send(counted(req.session.count));
    });
  },
});
