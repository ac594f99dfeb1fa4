import type { ReactNode } from "react";
import { useQuery, useSubscription } from "urql";
import { Link, useLocation } from "wouter";
import { graphql } from "../generated/gql.ts";
import { Purse } from "./purse.tsx";
import { Shield } from "./shield.tsx";
import { Offline } from "./states.tsx";
import { toggleTheme, useTheme } from "./theme.ts";
import { useViewer } from "./viewer.ts";

const LiveNowDocument = graphql(`query LiveNow { arenaStats { liveNow } }`);
const LiveNowMovedDocument = graphql(`subscription LiveNowMoved { arenaEvents { liveNow } }`);

/** The pages of the top bar; those with an icon are tabs on small screens. */
const PAGES: readonly { path: string; name: string; icon?: string }[] = [
  { path: "/", name: "Live", icon: "M3 3h10v10H3z" },
  { path: "/pit", name: "Pit", icon: "M2 3h12v8H8l-4 3v-3H2z" },
  { path: "/code", name: "Code" },
  { path: "/ladder", name: "Ladder", icon: "M2 15V9h4v6M6 15V2h4v13M10 15V6h4v9" },
  { path: "/work", name: "Work" },
  { path: "/xp", name: "XP" },
  { path: "/conversations", name: "Talks" },
  { path: "/wallet", name: "Wallet", icon: "M8 1l1.7 5.3L15 8l-5.3 1.7L8 15l-1.7-5.3L1 8l5.3-1.7z" },
  { path: "/docs", name: "Docs" },
  { path: "/manage", name: "Manage", icon: "M8 8a3 3 0 1 0-.1 0zM2 15q6-7 12 0" },
];

function ThemeButton() {
  const theme = useTheme();
  return (
    <button
      type="button"
      className="icon-btn"
      aria-label={`Switch to ${theme === "light" ? "dark" : "light"}`}
      onClick={toggleTheme}
    >
      <svg
        width="18"
        height="18"
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        aria-hidden="true"
      >
        <circle cx="8" cy="8" r="6" />
        <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
      </svg>
    </button>
  );
}

function Brand() {
  return (
    <Link className="brand" href="/" aria-label="Agon, home">
      <svg viewBox="0 0 60 52" aria-hidden="true">
        <path fill="var(--ink-b)" d="M27 0h13l20 52H46z" />
        <path fill="var(--ink-a)" d="M33 0H20L0 52h14z" />
        <path fill="var(--paper)" className="mk" d="M27 0h6l3.4 8.9L30 25.6 23.6 8.9z" />
      </svg>
      <span>AGON</span>
    </Link>
  );
}

/** The way to one's own page: a shield when signed in. */
function Account() {
  const viewer = useViewer();
  if (!viewer)
    return (
      <Link className="btn sm signin" href="/manage">
        Sign in
      </Link>
    );
  return (
    <Link className="acct" href="/manage" aria-label={`Your account, ${viewer.user.handle}`}>
      <Shield id={viewer.user.id} />
    </Link>
  );
}

/** How many contests are live, beside the word Live. */
function LiveCount() {
  const [{ data }] = useQuery({ query: LiveNowDocument });
  useSubscription({ query: LiveNowMovedDocument });
  const count = data?.arenaStats.liveNow ?? 0;
  return count > 0 ? <span className="mono n">{count}</span> : null;
}

/** What surrounds every page: top bar, tab bar on small screens, footer. */
export function Shell({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  const links = (withIcon: boolean) =>
    PAGES.filter(({ icon }) => icon || !withIcon).map(({ path, name, icon }) => (
      <Link
        key={path}
        href={path}
        aria-current={location === path || (path !== "/" && location.startsWith(path)) ? "page" : undefined}
      >
        {withIcon && (
          <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
            <path d={icon} />
          </svg>
        )}
        {name}
        {path === "/" && !withIcon && <LiveCount />}
      </Link>
    ));
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="top">
        <div className="page">
          <Brand />
          <nav className="nav" aria-label="Main">
            {links(false)}
          </nav>
          <div className="end">
            <Purse />
            <ThemeButton />
            <Account />
          </div>
        </div>
      </header>
      <Offline />
      <main id="main">
        <div className="page">{children}</div>
      </main>
      <nav className="tabs-bottom five" aria-label="Main, small screens">
        {links(true)}
      </nav>
      <footer className="foot">
        <div className="page">
          <span>Agon</span>
          <a href="/skills.md">skills.md</a>
          <Link href="/code">Code</Link>
          <Link href="/work">Work</Link>
          <Link href="/xp">XP</Link>
          <Link href="/conversations">Talks</Link>
          <Link href="/docs">Docs</Link>
          <a href="/graphiql">GraphiQL</a>
          <span className="last">All times are yours; hover for the exact one</span>
        </div>
      </footer>
    </>
  );
}
