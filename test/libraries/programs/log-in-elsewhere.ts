/** Log-ins elsewhere that do without Passport, and SAML, whose answer comes by a form. */
import { createServer } from "node:http";
import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { inflateRawSync } from "node:zlib";
import type { RequestHandler } from "express";
import { Passport } from "passport";
import type { Strategy } from "passport";
import { load } from "../library.ts";
import type { Library } from "../library.ts";
import { CLIENT, startProvider } from "../provider.ts";
import { serve } from "./application.ts";

const grant: Library = {
  name: "grant",
  used: "state, nonce and PKCE in the session, a log-in at oidc-provider",
  sees: [/^GET \/connect\/shop: 302 to elsewhere \/auth\?/, /200 \["access_token","id_token"/],
  async program(kit, origin) {
    const grantOf = await load<{ express: () => (config: object) => RequestHandler }>("grant");
    const issuer = await startProvider(kit, () => `${origin()}/connect/shop/callback`);
    let made: RequestHandler | undefined;
    const late: RequestHandler = (req, res, next) => {
      made ??= grantOf.express()({
        defaults: { origin: origin(), transport: "session", state: true, nonce: true },
        shop: {
          key: CLIENT.client_id,
          secret: CLIENT.client_secret,
          authorize_url: `${issuer}/auth`,
          access_url: `${issuer}/token`,
          oauth: 2,
          scope: ["openid"],
          pkce: true,
          callback: "/done",
          response: ["tokens"],
        },
      });
      void made(req, res, next);
    };
    const server = serve([kit.session(), late], (app) => {
      app.get("/done", (req, res) => {
        res.json(Object.keys(req.session.grant?.response ?? {}).toSorted());
      });
    });
    return {
      server,
      async drive({ browser }) {
        const [ada, eve] = [browser(), browser()];
        let back = await ada.get("/connect/shop");
        while (back.location && !back.location.includes("/callback")) {
          back = await ada.get(back.location);
        }
        await eve.get("/connect/shop");
        await eve.follow(await eve.get(back.location));
        await ada.follow(await ada.get(back.location));
        await ada.get("/done");
      },
    };
  },
};

interface KeycloakClient {
  middleware(): RequestHandler[];
  protect(): RequestHandler;
}

/** Keycloak needs Java: its endpoint for tokens is made here, and signs what the library checks. */
const keycloak: Library = {
  name: "keycloak-connect",
  used: "`protect`, the code, the grant in the session, log-out",
  sees: [
    /^GET \/account: 302 to elsewhere \/realms/,
    /code for \/account\?auth_callback/,
    /200 ada/,
  ],
  async program({ session, closes }) {
    const Keycloak =
      await load<new (options: object, config: object) => KeycloakClient>("keycloak-connect");
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const asked: string[] = [];
    const tokens = createServer((req, res) => {
      let body = "";
      req.on("data", (chunk: Buffer) => (body += chunk.toString()));
      req.on("end", () => {
        const form = new URLSearchParams(body);
        const { pathname, search } = new URL(form.get("redirect_uri") ?? "");
        asked.push(`${form.get("code")} for ${pathname}${search}`);
        const [access_token, id_token, refresh_token] = ["Bearer", "ID", "Refresh"].map(token);
        res.setHeader("Content-Type", "application/json");
        res.end(JSON.stringify({ access_token, id_token, refresh_token, token_type: "Bearer" }));
      });
    }).listen(0, "localhost");
    await once(tokens, "listening");
    closes(() => {
      tokens.close();
      tokens.closeAllConnections();
    });
    const server = `http://localhost:${(tokens.address() as AddressInfo).port}`;
    const token = (typ: string): string => {
      const now = Math.floor(Date.now() / 1000);
      const claims = { typ, iss: `${server}/realms/shop`, aud: "shop", preferred_username: "ada" };
      const content = { ...claims, iat: now, exp: now + 600 };
      const signed = [{ alg: "RS256", typ: "JWT" }, content]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("base64url")}`;
    };
    const client = new Keycloak(
      // It is asked only where Keycloak itself ends a session.
      { store: {} },
      {
        realm: "shop",
        "auth-server-url": server,
        "ssl-required": "none",
        resource: "shop",
        credentials: { secret: CLIENT.client_secret },
        "realm-public-key": publicKey.export({ type: "spki", format: "der" }).toString("base64"),
      },
    );
    return {
      server: serve([session(), ...client.middleware()], (app) => {
        app.get("/account", client.protect(), (req, res) => {
          const { kauth } = req as unknown as {
            kauth: { grant: { id_token: { content: { preferred_username: string } } } };
          };
          res.send(kauth.grant.id_token.content.preferred_username);
        });
      }),
      async drive({ browser, note }) {
        const [ada, eve] = [browser(), browser()];
        await ada.get("/account");
        await ada.follow(await ada.get("/account?auth_callback=1&code=code&state=any"));
        note(asked.join());
        await ada.get("/account");
        await eve.get("/account");
        await ada.get("/logout");
        await ada.get("/account");
      },
    };
  },
};

interface Signer {
  addReference(reference: object): void;
  computeSignature(xml: string, options: object): void;
  getSignedXml(): string;
}

const DIGEST = "http://www.w3.org/2001/04/xmlenc#sha256";
const SIGNATURE = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const CANONICAL = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

const saml: Library = {
  name: "@node-saml/passport-saml",
  used: "a signed answer, once and twice",
  sees: [/^GET \/login: 302 to elsewhere \/sso\?/, /POST \/callback: 302 to \/$/, /200 \["ada",0/],
  async program({ session }, origin) {
    const { Strategy: Saml } = await load<{
      Strategy: new (options: object, verify: unknown, logout: unknown) => Strategy;
    }>("@node-saml/passport-saml");
    const { SignedXml } = await load<{ SignedXml: new (options: object) => Signer }>("xml-crypto");
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const idpCert = publicKey.export({ type: "spki", format: "pem" }).toString();
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const passport = new Passport();
    let made: Strategy | undefined;
    const late: RequestHandler = (_req, _res, next) => {
      if (!made) {
        type Done = (error: null, user: { id: string }) => void;
        const verify = ({ nameID }: { nameID: string }, done: Done): void =>
          done(null, { id: nameID });
        const options = {
          callbackUrl: `${origin()}/callback`,
          entryPoint: "http://idp.example/sso",
          issuer: "shop",
          idpCert,
          wantAuthnResponseSigned: false,
          validateInResponseTo: "always",
        };
        made = new Saml(options, verify, verify);
        passport.use("saml", made);
      }
      next();
    };
    passport.serializeUser((user, done) => done(null, (user as { id: string }).id));
    passport.deserializeUser((id: string, done) => done(null, { id }));
    const use = [session(), late, passport.session() as RequestHandler];
    const server = serve(use, (app) => {
      app.get("/see", (req, res) => {
        req.session.seen = 1;
        res.send("seen");
      });
      app.get("/login", passport.authenticate("saml") as RequestHandler);
      app.post(
        "/callback",
        passport.authenticate("saml", { successRedirect: "/" }) as RequestHandler,
      );
      app.get("/", (req, res) => {
        res.json([(req.user as { id: string } | undefined)?.id, req.session.seen ?? 0]);
      });
    });

    /** What the identity provider answers to a request. */
    function answer(request: string): string {
      const [, id = ""] = / ID="([^"]+)"/.exec(request) ?? [];
      const [now, later] = [0, 300_000].map((ms) => new Date(Date.now() + ms).toISOString());
      const assertion =
        `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${randomUUID()}" Version="2.0" IssueInstant="${now}">` +
        `<saml:Issuer>idp</saml:Issuer><saml:Subject><saml:NameID>ada</saml:NameID>` +
        `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">` +
        `<saml:SubjectConfirmationData InResponseTo="${id}" NotOnOrAfter="${later}" Recipient="${origin()}/callback"/>` +
        `</saml:SubjectConfirmation></saml:Subject>` +
        `<saml:Conditions NotBefore="${now}" NotOnOrAfter="${later}"><saml:AudienceRestriction>` +
        `<saml:Audience>shop</saml:Audience></saml:AudienceRestriction></saml:Conditions></saml:Assertion>`;
      const xml =
        `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_${randomUUID()}" Version="2.0" ` +
        `IssueInstant="${now}" InResponseTo="${id}" Destination="${origin()}/callback"><samlp:Status>` +
        `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${assertion}</samlp:Response>`;
      const signer = new SignedXml({
        privateKey: pem,
        signatureAlgorithm: SIGNATURE,
        canonicalizationAlgorithm: CANONICAL,
      });
      const path = "//*[local-name(.)='Assertion']";
      const transforms = [ENVELOPED, CANONICAL];
      signer.addReference({ xpath: path, digestAlgorithm: DIGEST, transforms });
      signer.computeSignature(xml, { location: { reference: path, action: "append" } });
      return Buffer.from(signer.getSignedXml()).toString("base64");
    }

    return {
      server,
      async drive({ browser }) {
        const ada = browser();
        await ada.get("/see");
        const { location } = await ada.get("/login");
        const asked = new URL(location).searchParams.get("SAMLRequest") ?? "";
        const SAMLResponse = answer(inflateRawSync(Buffer.from(asked, "base64")).toString());
        await ada.follow(await ada.post("/callback", { SAMLResponse }));
        // The same answer a second time: it has been used.
        await ada.post("/callback", { SAMLResponse });
        await ada.get("/");
      },
    };
  },
};

export const logInElsewhere: readonly Library[] = [saml, grant, keycloak];
