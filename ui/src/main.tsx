import { render } from "preact";
import { Shell } from "./app/shell";
import { followLinks } from "./routing/links";
import "./styles/tokens.css";
import "./styles/base.css";

const root = document.getElementById("app");
if (!root) {
  throw new Error("index.html has no element with the id `app`");
}
followLinks();
render(<Shell />, root);
