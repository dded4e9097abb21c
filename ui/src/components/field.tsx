/** Controls with their labels. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import style from "./field.module.css";

interface FieldProps {
  label: string;
  /** Said below the control. */
  hint?: ComponentChildren;
  /** What is wrong with the value. */
  error?: string | undefined;
  children: (ids: { id: string; describedBy: string | undefined }) => ComponentChildren;
}

/** A label above a control, and what there is to say about it below. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div class={style.field}>
      <label class={style.label} for={id}>
        {label}
      </label>
      {children({ id, describedBy: note ? noteId : undefined })}
      {note && (
        <div id={noteId} class={error ? style.error : style.hint}>
          {note}
        </div>
      )}
    </div>
  );
}

interface TextProps {
  label: string;
  value: string;
  /** Called when the user has finished: Enter, or another control. */
  onChange: (value: string) => void;
  placeholder?: string;
  hint?: ComponentChildren;
  error?: string | undefined;
}

/** One line of text that counts once the user has finished it. */
export function TextField({ label, value, onChange, placeholder, hint, error }: TextProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy }) => (
        <input
          spellcheck={false}
          autocomplete="off"
          placeholder={placeholder}
          id={id}
          class={style.control}
          value={value}
          aria-describedby={describedBy}
          aria-invalid={error ? true : undefined}
          onChange={(event) => onChange(event.currentTarget.value.trim())}
        />
      )}
    </Field>
  );
}

interface SelectProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; label: string }[];
  hint?: ComponentChildren;
}

/** One of a few. */
export function SelectField({ label, value, onChange, options, hint }: SelectProps) {
  return (
    <Field label={label} hint={hint}>
      {({ id, describedBy }) => (
        <select
          id={id}
          class={style.control}
          value={value}
          aria-describedby={describedBy}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface CheckboxProps {
  label: ComponentChildren;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** On or off. */
export function Checkbox({ label, checked, onChange }: CheckboxProps) {
  return (
    <label class={style.checkbox}>
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}
