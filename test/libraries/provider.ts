/** A server where people sign in: the certified oidc-provider, whose one user is signed in without a question. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { load } from "./library.ts";
import type { Kit } from "./library.ts";

interface OidcProvider {
  callback(): RequestListener;
  interactionFinished(req: IncomingMessage, res: ServerResponse, result: object): Promise<unknown>;
  readonly Grant: new (of: object) => {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  };
}

interface Ctx {
  readonly oidc: {
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
    readonly provider: OidcProvider;
  };
}

export const CLIENT = { client_id: "shop", client_secret: "a secret of this test only" } as const;

/** Gives its address. Its client comes back to `callback`, which is known when the provider is asked first. */
export async function startProvider(kit: Kit, callback: () => string): Promise<string> {
  const Provider =
    await load<new (issuer: string, options: object) => OidcProvider>("oidc-provider");
  let provider: OidcProvider | undefined;
  const server = createServer((req, res) => {
    provider ??= new Provider(issuer, optionsFor(callback()));
    if (req.url?.startsWith("/interaction/")) {
      void provider.interactionFinished(req, res, { login: { accountId: "ada" } });
    } else {
      provider.callback()(req, res);
    }
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  kit.closes(() => {
    server.close();
    server.closeAllConnections();
  });
  return issuer;
}

function optionsFor(callback: string): object {
  return {
    clients: [
      {
        ...CLIENT,
        redirect_uris: [callback],
        grant_types: ["authorization_code"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    features: { devInteractions: { enabled: false } },
    cookies: { keys: [CLIENT.client_secret] },
    pkce: { required: () => false },
    claims: { openid: ["sub", "name"] },
    conformIdTokenClaims: false,
    findAccount: (_ctx: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, name: "Ada" }),
    }),
    // Nobody is asked whether the shop may know the name.
    async loadExistingGrant({ oidc: { client, session, provider } }: Ctx) {
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
  };
}
