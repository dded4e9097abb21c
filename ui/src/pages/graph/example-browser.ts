/** What the shell's modules want of a browser, for tests of logic. Import it first. */
const quiet = { matches: false, addEventListener: () => undefined };

Object.assign(globalThis, {
  window: {
    location: { href: "http://localhost/graph" },
    addEventListener: () => undefined,
    matchMedia: () => quiet,
  },
  document: { documentElement: { lang: "", dataset: {} } },
});
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en"] } });
