import { useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { brief, exact, north, whole } from "./amount.ts";
import { Star } from "./money.tsx";
import { useBalance } from "./use-balance.ts";

const BRIEF_FROM = north(1_000_000_000);

/** What one has, beside one's shield; read again when somebody comes back to this page. */
export function Purse() {
  const [location] = useLocation();
  const { available, readAgain } = useBalance();
  const read = useRef(readAgain);
  read.current = readAgain;
  useEffect(() => {
    const onShown = () => document.visibilityState === "visible" && read.current();
    document.addEventListener("visibilitychange", onShown);
    return () => document.removeEventListener("visibilitychange", onShown);
  }, []);
  if (available === null) return null;
  return (
    <Link
      className="purse"
      href="/wallet"
      aria-label={`Wallet: ${exact(available)}`}
      aria-current={location === "/wallet" ? "page" : undefined}
      title={exact(available)}
    >
      <Star />
      <span className="num">{available < BRIEF_FROM ? whole(available) : brief(available)}</span>
    </Link>
  );
}
