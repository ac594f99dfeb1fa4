import { AlertDialog } from "radix-ui";
import type { ReactNode } from "react";

type Props = {
  /** The control that asks. */
  ask: ReactNode;
  title: string;
  /** What happens then. */
  children: ReactNode;
  /** What the button does, and what stays when it is not pressed. */
  act: string;
  keep: string;
  onAct: () => void;
};

/** A second thought before something that cannot be taken back. */
export function Confirm({ ask, title, children, act, keep, onAct }: Props) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger asChild>{ask}</AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="veil" />
        <AlertDialog.Content className="dialog floating">
          <AlertDialog.Title>{title}</AlertDialog.Title>
          <AlertDialog.Description className="dim sm">{children}</AlertDialog.Description>
          <div className="row ends">
            <AlertDialog.Cancel asChild>
              <button type="button" className="btn">
                {keep}
              </button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <button type="button" className="btn danger" onClick={onAct}>
                {act}
              </button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
