/** What is around every page: the way to the others, one box to open a trace by its id, looks. */
import { Component, type ComponentChildren, type ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api/client";
import { IconButton } from "../components/button";
import { MoonIcon, SunIcon } from "../components/icons";
import { EmptyState, ErrorState, Loading } from "../components/states";
import { navigate, path } from "../routing/location";
import { LANGUAGES, language, speak } from "../text/language";
import { messages } from "../text/messages";
import { OpenBox } from "./open-box";
import { HOME, PAGES, type Page, type PageProps, pageOf } from "./pages";
import style from "./shell.module.css";
import { chooseTheme, theme } from "./theme";

const text = messages({
  skip: { en: "Skip to the page", ja: "本文へ移動" },
  pages: { en: "Pages", ja: "ページ" },
  toLight: { en: "Light colours", ja: "ライトモード" },
  toDark: { en: "Dark colours", ja: "ダークモード" },
  language: { en: "Language", ja: "言語" },
  notFound: { en: "There is no such page", ja: "ページが見つかりません" },
  toSearch: { en: "Search for traces", ja: "トレースを検索" },
});

const LANGUAGE_NAMES = { en: "English", ja: "日本語" } as const;

export function Shell() {
  const found = pageOf(path.value);
  const title = found?.page.title() ?? text.notFound;

  useEffect(() => {
    if (path.value === "/") {
      navigate(HOME + window.location.search, { replace: true });
    }
  }, []);
  useEffect(() => {
    document.title = `${title} · Spanloom`;
  }, [title]);

  return (
    <>
      <a class={style.skip} href="#page">
        {text.skip}
      </a>
      <header class={style.header}>
        <a class={style.brand} href="/">
          <img src={`${import.meta.env.BASE_URL}logo.svg`} alt="" width="22" height="22" />
          Spanloom
        </a>
        <nav class={style.navigation} aria-label={text.pages}>
          {PAGES.filter((page) => page.isListed).map((page) => (
            <a key={page.path} href={page.path} aria-current={isWithin(page) ? "page" : undefined}>
              {page.title()}
            </a>
          ))}
        </nav>
        <OpenBox />
        <select
          class={style.language}
          aria-label={text.language}
          value={language.value}
          onChange={(event) => {
            const chosen = LANGUAGES.find((known) => known === event.currentTarget.value);
            if (chosen) {
              speak(chosen);
            }
          }}
        >
          {LANGUAGES.map((each) => (
            <option key={each} value={each}>
              {LANGUAGE_NAMES[each]}
            </option>
          ))}
        </select>
        {theme.value === "dark" ? (
          <IconButton label={text.toLight} onClick={() => chooseTheme("light")}>
            <SunIcon />
          </IconButton>
        ) : (
          <IconButton label={text.toDark} onClick={() => chooseTheme("dark")}>
            <MoonIcon />
          </IconButton>
        )}
      </header>
      <main id="page" class={style.page} tabIndex={-1}>
        {found ? (
          // Anew for every page: a fault in one must not stay in sight on the next.
          <Fence key={found.page.path}>
            <Loaded page={found.page} parameters={found.parameters} />
          </Fence>
        ) : (
          <EmptyState title={text.notFound}>
            <p>
              <code>{path.value}</code>
            </p>
            <a href={HOME}>{text.toSearch}</a>
          </EmptyState>
        )}
      </main>
    </>
  );
}

function isWithin(page: Page): boolean {
  const current = path.value === "/" ? HOME : path.value;
  return current === page.path || current.startsWith(`${page.path}/`);
}

const loaded = new Map<string, ComponentType<PageProps>>();

function Loaded({ page, parameters }: { page: Page } & PageProps) {
  const [, setReady] = useState("");
  const [error, setError] = useState<ApiError>();
  const [turn, setTurn] = useState(0);
  const Content = loaded.get(page.path);

  useEffect(() => {
    if (!loaded.has(page.path)) {
      page.load().then(
        (module) => {
          loaded.set(page.path, module.default);
          setReady(page.path);
        },
        (fault) => setError(pageFault(fault)),
      );
    }
  }, [page, turn]);

  if (Content) {
    return <Content parameters={parameters} />;
  }
  return error ? (
    <ErrorState
      error={error}
      onRetry={() => {
        setError(undefined);
        setTurn(turn + 1);
      }}
    />
  ) : (
    <Loading />
  );
}

/** Keeps a fault in a page from taking the way to the other pages with it. */
class Fence extends Component<{ children: ComponentChildren }, { error?: ApiError }> {
  static override getDerivedStateFromError(error: unknown) {
    return { error: pageFault(error) };
  }

  override render() {
    const { error } = this.state;
    return error ? (
      <ErrorState error={error} onRetry={() => window.location.reload()} />
    ) : (
      this.props.children
    );
  }
}

const pageFault = (error: unknown) =>
  new ApiError(0, "fault_of_page", String(error), undefined, undefined);
