import { defineConfig } from "vitest/config";

// The service whose API the development server passes requests to.
const service = process.env.SPANLOOM_URL ?? "http://127.0.0.1:16686";

export default defineConfig(({ command }) => ({
  // The service has the pages at its root and their files below /ui/.
  base: command === "build" ? "/ui/" : "/",
  build: {
    outDir: "../api/ui/bundle",
    emptyOutDir: true,
    target: "es2023",
    // The page's policy allows no scripts in it, and every supported browser preloads modules.
    modulePreload: { polyfill: false },
    // A file in a style would need a policy of its own.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": service } },
  test: { include: ["src/**/*.test.ts"] },
}));
