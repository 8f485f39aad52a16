import { defineHandler } from "nitro/h3";
import { devicesOf } from "../shop/devices";
import { escaped, html } from "../shop/page";

const FORMS = [
  ["login", `<input name="name" aria-label="name"><button>Log in</button>`],
  ["add", "<button>Add a pen</button>"],
  ["fail", "<button>Fail</button>"],
  ["lost", "<button>Not found</button>"],
  ["logout", "<button>Log out</button>"],
]
  .map(([name, inner]) => `<form id="${name}" method="post" action="/${name}">${inner}</form>`)
  .join("");

export default defineHandler(async ({ context: { session } }) =>
  html(`<h1>A shop</h1>
    <p id="user">${escaped(session.get("user_id") ?? "nobody")}</p>
    <p id="cart">${session.get("cart")?.length ?? 0}</p>
    <p id="notice">${escaped(session.flash("notice") ?? "")}</p>
    ${FORMS}
    <ul id="devices">${(await devicesOf(session)).map((device) => `<li>${device}</li>`).join("")}</ul>`),
);
