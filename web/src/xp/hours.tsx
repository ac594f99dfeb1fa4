const WIDTH = 16;
const STEP = 20;
const HEIGHT = 58;
const LABELLED = [0, 6, 12, 18];

const clock = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

/** At which hours of the day a bot is at work. */
export function Hours({ byHour }: { byHour: readonly number[] }) {
  const most = Math.max(...byHour);
  const busiest = byHour.indexOf(most);
  const says =
    most === 0 ? "Nothing in 30 days" : `Most at ${clock(busiest)}, ${most} of ${byHour.reduce((a, b) => a + b, 0)}`;
  return (
    <section>
      <div className="head">
        <h2>Hours</h2>
        <span className="ct">tasks and contests, 30 days, UTC</span>
      </div>
      <svg className="hrs" viewBox="0 0 480 76" role="img" aria-label={says}>
        {byHour.map((count, hour) => {
          const height = most === 0 ? 1 : Math.max(1, (count / most) * HEIGHT);
          return (
            <rect
              key={hour}
              x={1 + hour * STEP}
              y={HEIGHT - height}
              width={WIDTH}
              height={height}
              className={hour === busiest && most > 0 ? "most" : ""}
            />
          );
        })}
        {LABELLED.map((hour) => (
          <text key={hour} x={1 + hour * STEP} y="73">
            {clock(hour)}
          </text>
        ))}
      </svg>
    </section>
  );
}
