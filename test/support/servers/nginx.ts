/** nginx as a shared cache in front of a server under test. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { partPath } from "../../setup/parts.ts";
import { Server, freePort, temporaryFolder } from "./servers.ts";

/** The program, where the machine has it. */
export const nginxProgram: string | undefined = partPath("nginx");

export interface SharedCache {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * @param upstream the port of the server behind it
 * @param keep directives that say what is kept without a word of the server
 */
export async function startNginx(upstream: number, keep = ""): Promise<SharedCache> {
  if (nginxProgram === undefined) throw new Error("nginx is missing: npm run test:setup");
  const port = await freePort();
  const folder = temporaryFolder();
  // As root it would give the work, and so the cache, to another user.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const config = `${user}
    daemon off;
    pid ${join(folder, "pid")};
    error_log stderr;
    worker_processes 1;
    events { worker_connections 256; }
    http {
      access_log off;
      ${temporaryPaths(nginxProgram, folder)}
      proxy_cache_path ${join(folder, "cache")} keys_zone=pages:1m;
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://127.0.0.1:${upstream};
          proxy_http_version 1.1;
          proxy_set_header Host $http_host;
          proxy_set_header Connection "";
          proxy_cache pages;
          ${keep}
          add_header X-Cache $upstream_cache_status always;
        }
      }
    }`;
  writeFileSync(join(folder, "nginx.conf"), config);
  const args = ["-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")];
  const checked = spawnSync(nginxProgram, [...args, "-t"], { encoding: "utf8" });
  if (checked.status !== 0) throw new Error(checked.stderr);
  const url = `http://127.0.0.1:${port}`;
  const server = new Server(nginxProgram, args, folder);
  await server.start(async () => (await fetch(`${url}/`)).status < 500);
  return { url, stop: () => server.stop() };
}

/** Of each module that is built in: who is not root cannot write where they are by default. */
function temporaryPaths(program: string, folder: string): string {
  const built = spawnSync(program, ["-V"], { encoding: "utf8" }).stderr;
  return ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .filter((name) => !built.includes(`--without-http_${name}_module`))
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join("\n");
}
