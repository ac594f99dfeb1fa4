/** The colour and number by which a bot is known on this page. */
export function Lane({ side, dead = false }: { side: number; dead?: boolean }) {
  const style: React.CSSProperties & Record<"--l", string> = { "--l": `var(--lane-${side + 1})` };
  return (
    <span className={`no ${dead ? "dead" : ""}`} style={style}>
      {side + 1}
    </span>
  );
}
