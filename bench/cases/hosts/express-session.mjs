import session from "express-session";
import { onExpress } from "../../hosts/express.mjs";
import { DATA, SECRET, counted, greet } from "../../shared/answers.mjs";

export const bench = onExpress({
  name: "express-session, memory",
  role: "peer",
  keeps: "table",
  build(app) {
    app.use(
      session({
        secret: SECRET,
        store: new session.MemoryStore(),
        resave: false,
        saveUninitialized: false,
      }),
    );
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
