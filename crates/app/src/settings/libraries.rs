//! All that is given: in the settings file, as variables and as flags.

use std::path::Path;

use super::file::SettingsFile;
use super::layers::{Env, Layer, Layers, of_flags, of_variables};
use crate::error::CommandError;

/// All layers.
#[derive(Debug)]
pub struct AllSettings {
    file: Option<SettingsFile>,
    /// Variables and flags stand over the file.
    over: [Layer; 2],
    env: Env,
}

impl AllSettings {
    /// Reads the settings file and the variables. `flags` holds texts by key, `config` is `--config`.
    pub fn read(
        flags: &[(&'static str, String)],
        config: Option<&Path>,
        env: Env,
    ) -> Result<AllSettings, CommandError> {
        let file = SettingsFile::read(config, &env)?;
        let over = [of_variables(&env)?, of_flags(flags)?];
        Ok(AllSettings { file, over, env })
    }

    /// Keeps secret what must not be shown.
    pub fn keep_secrets(&self) {
        let top = self.file.iter().map(|file| &file.top);
        top.chain(&self.over).for_each(Layers::keep_secrets);
    }

    /// The layers of the library.
    pub fn layers(&self) -> Layers {
        let path = self.file.as_ref().map(|file| file.path.clone());
        let mut layers = Layers { given: Layer::new(), file: path, env: self.env.clone() };
        self.file
            .iter()
            .map(|file| &file.top)
            .chain(&self.over)
            .for_each(|layer| layers.add(layer));
        layers
    }
}
