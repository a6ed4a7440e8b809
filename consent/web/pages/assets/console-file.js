// A chosen file's text goes into the field that the form sends: the service takes no files.
for (const input of document.querySelectorAll("input[type=file][data-fills]")) {
  const field = document.getElementById(input.dataset.fills);
  if (!field) continue;
  input.hidden = false;
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (file) field.value = await file.text();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
