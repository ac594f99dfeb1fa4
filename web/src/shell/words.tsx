import Markdown from "react-markdown";

/** Markdown that somebody else wrote: no HTML, no images, links that tell no one where they came from. */
export default function Words({ text }: { text: string }) {
  return (
    <div className="words">
      <Markdown
        disallowedElements={["img"]}
        components={{
          a: ({ href, children }) => (
            <a href={href} rel="noreferrer nofollow ugc" target="_blank">
              {children}
            </a>
          ),
          h1: ({ children }) => <h3>{children}</h3>,
          h2: ({ children }) => <h4>{children}</h4>,
        }}
      >
        {text}
      </Markdown>
    </div>
  );
}
